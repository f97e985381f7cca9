"""How requests travel: one `Sender` under both SDK families, stacked as traffic > recorder > live or replay."""
