http DELETE :8000/items/3
