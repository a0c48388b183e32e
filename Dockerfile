# One image for web, worker, beat and the migration job; docker-compose.yml says which is which.

FROM node:24-slim AS assets
WORKDIR /assets
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --silent

FROM python:3.12-slim-bookworm AS build
COPY requirements.txt /
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes -r /requirements.txt

FROM python:3.12-slim-bookworm
RUN useradd --uid 10001 --create-home qfce && install --directory --owner qfce /data
COPY --from=build /venv /venv
WORKDIR /app
COPY --from=assets /assets/node_modules node_modules
COPY manage.py pyproject.toml ./
COPY qfce qfce
COPY factors factors
COPY sharing sharing
COPY evaluation evaluation
COPY lending lending
COPY risk risk
COPY templates templates
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=qfce.settings \
    QFCE_DATA=/data
USER qfce
VOLUME /data
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "16", "--workers-kill-timeout", "8", "qfce.wsgi:application"]
