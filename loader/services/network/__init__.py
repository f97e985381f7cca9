"""Networks, what guards them, and what stands at their edge."""
