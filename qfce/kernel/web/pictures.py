"""Pictures that a page carries within itself."""

import base64
import io

import segno


def qr(text: str) -> str:
    """Return a text as the address of a QR code, for the `src` of a picture."""
    buffer = io.BytesIO()
    segno.make(text, error="m").save(buffer, kind="svg", scale=4, border=2)
    return f"data:image/svg+xml;base64,{base64.b64encode(buffer.getvalue()).decode()}"
