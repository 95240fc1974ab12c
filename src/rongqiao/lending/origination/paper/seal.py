"""The platform's own certificate: made on first use, kept in the state directory, signs PDF files.

A certificate authority of one's own with one signing certificate. What it proves is that a file
came from this installation and was not changed; a trust-listed certificate may be put in its place.
"""

from __future__ import annotations

import os
import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings

FIELD = "PlatformSignature"
# Fixed days, so that no clock is read: the certificate outlives every agreement by the five years
# that Electronic Signature Law art. 24 asks of an authority's records.
VALID_FROM = datetime(2020, 1, 1, tzinfo=UTC)
VALID_UNTIL = datetime(2049, 12, 31, tzinfo=UTC)


@dataclass(frozen=True)
class Seal:
    """Where the signing certificate, its key and the authority behind it lie (DER files)."""

    certificate: Path
    key: Path
    authority: Path

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the signing certificate, in hex."""
        parsed = x509.load_der_x509_certificate(self.certificate.read_bytes())
        return parsed.fingerprint(hashes.SHA256()).hex()


def sign_pdf(content: bytes, reason: str) -> tuple[bytes, str]:
    """Return the PDF signed by the platform, and the fingerprint of the certificate."""
    # Here, because they take thirty megabytes, and most processes never sign.
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415
    from pyhanko.sign import fields, signers  # noqa: PLC0415

    seal = platform_seal()
    signer = signers.SimpleSigner.load(  # type: ignore[no-untyped-call]
        str(seal.key), str(seal.certificate), ca_chain_files=(str(seal.authority),)
    )
    signed = signers.sign_pdf(
        IncrementalPdfFileWriter(BytesIO(content)),
        signers.PdfSignatureMetadata(field_name=FIELD, md_algorithm="sha256", reason=reason),
        signer=signer,
        new_field_spec=fields.SigFieldSpec(sig_field_name=FIELD),
    )
    return signed.getvalue(), seal.fingerprint


def is_ours_and_whole(content: bytes) -> bool:
    """Tell whether the file bears the platform's signature and nothing in it was changed since."""
    from pyhanko.keys import load_cert_from_pemder  # noqa: PLC0415
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415
    from pyhanko.sign.validation import validate_pdf_signature  # noqa: PLC0415
    from pyhanko.sign.validation.status import SignatureCoverageLevel  # noqa: PLC0415
    from pyhanko_certvalidator import ValidationContext  # noqa: PLC0415

    seal = platform_seal()
    try:
        signatures = PdfFileReader(BytesIO(content)).embedded_signatures
        if len(signatures) != 1:
            return False
        root = load_cert_from_pemder(str(seal.authority))  # type: ignore[no-untyped-call]
        context = ValidationContext(trust_roots=[root], allow_fetching=False)
        status = validate_pdf_signature(signatures[0], context)
    except Exception:  # noqa: BLE001 - whatever a broken file trips over, it is not whole
        return False
    is_whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    return bool(status.intact and status.valid and status.trusted and is_whole)


def platform_seal() -> Seal:
    """Return the installation's seal, making it (keys 0600, once among many starters) if absent."""
    home: Path = settings.PLACES.var / "seal"
    if not (home / "authority.der").exists():
        _make(home)
    return Seal(
        certificate=home / "platform.der",
        key=home / "platform.key",
        authority=home / "authority.der",
    )


def _make(home: Path) -> None:
    draft = home.with_name(f".{home.name}.{secrets.token_hex(6)}")
    draft.mkdir(parents=True, mode=0o700)
    authority_key, platform_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name = _name(f"{settings.OPERATOR_NAME} 文件签名根")
    authority = _certificate(
        authority_name, authority_name, authority_key, authority_key, is_ca=True
    )
    platform = _certificate(
        _name(settings.OPERATOR_NAME), authority_name, platform_key, authority_key, is_ca=False
    )
    _write(draft / "authority.key", _key_bytes(authority_key))
    _write(draft / "platform.key", _key_bytes(platform_key))
    _write(draft / "platform.der", platform.public_bytes(serialization.Encoding.DER))
    _write(draft / "authority.der", authority.public_bytes(serialization.Encoding.DER))
    try:
        # A folder is renamed onto an existing one only if that is empty: the first starter wins.
        draft.rename(home)
    except OSError:
        for file in draft.iterdir():
            file.unlink()
        draft.rmdir()


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signing_key: ec.EllipticCurvePrivateKey,
    *,
    is_ca: bool,
) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=not is_ca,
        content_commitment=not is_ca,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(uuid.uuid4().int >> 1)
        .not_valid_before(VALID_FROM)
        .not_valid_after(VALID_UNTIL)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=0 if is_ca else None), True)
        .add_extension(usage, True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), False
        )
        .sign(signing_key, hashes.SHA256())
    )


def _name(text: str) -> x509.Name:
    # RFC 5280 upper bound of a common name.
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
