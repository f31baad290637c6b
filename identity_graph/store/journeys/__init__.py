"""Sessions and touchpoints."""
