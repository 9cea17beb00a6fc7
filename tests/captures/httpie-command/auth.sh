http -a user:pass :8000/me
