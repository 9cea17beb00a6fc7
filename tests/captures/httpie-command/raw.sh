http --raw '{"x":1}' POST :8000/raw
