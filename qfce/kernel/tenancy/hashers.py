"""How secrets are hashed that a machine made."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class GeneratedSecretHasher(PBKDF2PasswordHasher):
    """
    For secrets of 128 random bits and more, such as those of programs.

    Nobody guesses these, so many rounds would only cost each token request half a second.
    People's passwords keep Django's own number of rounds.
    """

    algorithm = "pbkdf2_sha256_generated"
    iterations = 1_000
