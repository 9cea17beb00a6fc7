curl -X "POST" "http://127.0.0.1:8000/d" \
     -H "X: a \"b\" \\ c" -d "{\"k\": \"v\"}"
