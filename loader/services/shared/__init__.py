"""What many services use: reading ids and answers, and the parts that resources of many kinds carry alike."""
