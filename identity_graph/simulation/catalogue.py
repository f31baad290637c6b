"""The shop's assortment: products as they appear in the properties of commerce events."""

from random import Random
from typing import Any, NamedTuple

_KINDS = (
    ("Skincare", "Serum", 289), ("Skincare", "Cleansing Foam", 98), ("Skincare", "Day Cream", 219),
    ("Make-up", "Lipstick", 169), ("Make-up", "Cushion Foundation", 259), ("Make-up", "Eyeliner", 79),
    ("Fragrance", "Eau de Parfum", 569), ("Fragrance", "Travel Spray", 199),
    ("Hair", "Shampoo", 89), ("Hair", "Hair Mask", 119), ("Baby", "Lotion", 109), ("Men", "Shaving Gel", 69),
)  # fmt: skip
_BRANDS = ("Luna", "Pine & Moss", "Hongdou", "Atelier 9", "Northsea", "Bai")
SEARCHES = ("gift", "serum", "lipstick", "night cream", "travel size", "shampoo", "new in", "sale", "sunscreen")
CAMPAIGNS = {
    "new-arrivals": "New this month",
    "members-day": "Members' day: 15 % off everything",
    "gift-guide": "Gifts that arrive in time",
    "weekend-sale": "Only this weekend",
    "win-back": "We miss you: a sample is waiting",
}
"""Campaigns and the subjects of their e-mails; they fit any season, since a world may begin on any day."""


class Product(NamedTuple):
    """One article of the assortment; ``price`` is in yuan."""

    product_id: str
    sku: str
    name: str
    brand: str
    category: str
    price: float

    def to_properties(self) -> dict[str, Any]:
        """Write the product as the e-commerce events name its fields."""
        return self._asdict()


def make_catalogue(rng: Random, size: int = 400) -> list[Product]:
    """Make an assortment of ``size`` products; the first ones sell most."""
    products: list[Product] = []
    for number in range(size):
        category, kind, price = rng.choice(_KINDS)
        brand = rng.choice(_BRANDS)
        products.append(
            Product(
                product_id=f"p-{1000 + number}",
                sku=f"{brand[:2].upper()}-{number:04d}-{rng.choice('SML')}",
                name=f"{brand} {kind} {rng.choice(('30 ml', '50 ml', 'Set', 'Classic', 'Limited Edition'))}",
                brand=brand,
                category=category,
                price=round(price * rng.uniform(0.8, 1.4), 2),
            )
        )
    return products


def pick(rng: Random, catalogue: list[Product]) -> Product:
    """Pick a product; the early ones of the list far more often than the late ones."""
    return catalogue[int(len(catalogue) * rng.random() ** 2)]
