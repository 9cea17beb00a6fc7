http POST http://127.0.0.1:8000/orders 'Host: 127.0.0.1:8000' 'Content-Type: application/json' <<< '{"item": "café", "count": 3}'
