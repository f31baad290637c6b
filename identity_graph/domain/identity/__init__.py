"""Who is who: evidence, links, and the customers that follow from them."""
