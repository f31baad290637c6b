"""Identity resolution: evidence, links, and the customers that follow from them."""
