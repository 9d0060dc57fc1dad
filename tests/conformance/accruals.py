"""What an end of day books: income earned and not yet booked. A movement is the difference of two positions."""

from tests.conformance.translate import NotExpressible


def after(session, step):
    """Accruals that follow from a step itself."""


def end_of_day(session):
    """Close the open days up to yesterday."""
    session.look_again()


def job(session, name):
    """One job of an end of day."""
    raise NotExpressible(f"job {name}")


def interest_refund(session, on, amount, payment):
    """Interest on the refunded amount."""
    raise NotExpressible("interest refund")
