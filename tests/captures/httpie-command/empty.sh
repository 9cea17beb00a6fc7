http POST :8000/empty
