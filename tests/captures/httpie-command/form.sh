http --form POST :8000/form a='1 2' b=é
