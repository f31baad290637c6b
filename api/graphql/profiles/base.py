"""What every part of a profile starts from."""

import strawberry


@strawberry.type
class OfCustomer:
    """A part of the profile of a customer."""

    customer_id: strawberry.Private[str]
