http :8000/items item=tea price:=5 tags:='["a","b"]' X-Token:abc q==1
