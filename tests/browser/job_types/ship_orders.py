"""A row job whose rows have a key."""

from pydantic import BaseModel

from webapp.authoring import Context, job


class Order(BaseModel):
    """What somebody has ordered."""

    order: str
    quantity: int
    town: str = ""


@job(title="Ship orders", icon="table", row_key="order")
def ship_orders(row: Order, ctx: Context) -> None:
    """Hand each order to the warehouse."""
    ctx.data.insert("shipped", {"order_number": row.order, "quantity": row.quantity})
