"""How the hub's certificate is checked, also by a box whose clock is wrong.

The ordinary check goes by the machine's clock.  Where that cannot be relied on, everything is checked but
the certificate's time, and that is judged by a time that the hub has signed.
"""

import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from msgspec import Struct

from easyplayer.errors import CertificateError
from easyplayer.units import Instant

NO_CHECK_TIME = 0x200000
"""``X509_V_FLAG_NO_CHECK_TIME`` of OpenSSL, which Python has no name for."""
NOT_YET_VALID, EXPIRED = 9, 10
"""What OpenSSL calls a certificate that is out of its time."""

Told = Callable[[], Instant | None]
"""Tells what time it is by the hub's word; ``None`` as long as it has not said."""


class TimelessContext(ssl.SSLContext):
    """Checks a certificate's chain and its host's name, and leaves its time to :attr:`told`.

    :ivar told: tells by what time a certificate is judged; while that is not known, none is refused for it.
    """

    told: Told

    def wrap_socket(self, sock: socket.socket, *options: object, **named: object) -> ssl.SSLSocket:
        """Encrypt a connection, and judge the certificate at its other end."""
        encrypted = super().wrap_socket(sock, *options, **named)  # type: ignore[arg-type]  # see above
        try:
            self.judge(encrypted)
        except ssl.SSLError:
            encrypted.close()
            raise
        return encrypted

    def judge(self, encrypted: ssl.SSLSocket | ssl.SSLObject) -> None:
        """Judge the certificate at the other end of an encrypted connection.

        Who encrypts without :meth:`wrap_socket`, as asyncio does, calls it before anything is sent.

        :raises ssl.SSLCertVerificationError: it does not hold at the time that was told.
        """
        now = self.told()
        certificate = encrypted.getpeercert() or {}
        since = ssl.cert_time_to_seconds(str(certificate.get("notBefore")))
        until = ssl.cert_time_to_seconds(str(certificate.get("notAfter")))
        if now is not None and not since <= now <= until:
            days = f"{_day(since)} to {_day(until)}"
            message = f"the certificate holds from {days}, and by the hub's own word it is {_day(now)}"
            raise ssl.SSLCertVerificationError(1, message)


class Trust(Struct, frozen=True):
    """Whose certificates are trusted.

    :ivar ca: file of certificates; empty is none.
    :ivar machine: whether those that the machine trusts are, too.
    """

    ca: str
    machine: bool


def strict_context(trust: Trust) -> ssl.SSLContext:
    """Make the ordinary check.

    :raises CertificateError: the file cannot be used.
    """
    return _trusting(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), trust)


def timeless_context(trust: Trust, told: Told) -> ssl.SSLContext:
    """Make the check for a box whose clock is wrong.

    :raises CertificateError: the file cannot be used.
    """
    context = TimelessContext(ssl.PROTOCOL_TLS_CLIENT)
    context.told = told
    context.verify_flags |= ssl.VerifyFlags(NO_CHECK_TIME)
    return _trusting(context, trust)


def certificate_fault(error: BaseException) -> ssl.SSLCertVerificationError | None:
    """Find out whether an error comes from a certificate, however often it was wrapped."""
    return next((one for one in _causes(error) if isinstance(one, ssl.SSLCertVerificationError)), None)


def is_out_of_time(fault: ssl.SSLCertVerificationError) -> bool:
    """Tell whether the machine's clock is all that speaks against a certificate."""
    return getattr(fault, "verify_code", 0) in {NOT_YET_VALID, EXPIRED}


def in_words(fault: ssl.SSLCertVerificationError) -> str:
    """Say what is wrong with a certificate."""
    return str(getattr(fault, "verify_message", "") or fault.args[-1])


def _trusting(context: ssl.SSLContext, trust: Trust) -> ssl.SSLContext:
    if trust.machine:
        context.load_default_certs()
    try:
        if trust.ca:
            context.load_verify_locations(cafile=trust.ca)
    except OSError as error:
        message = f"[hub] ca: {trust.ca} holds no certificates that can be used ({error}): name another file"
        raise CertificateError(message) from error
    return context


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Give an error and all that it was made of."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]


def _day(instant: float) -> str:
    return f"{datetime.fromtimestamp(instant, UTC):%Y-%m-%d %H:%M} UTC"
