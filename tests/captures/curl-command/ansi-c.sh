curl --url 'http://127.0.0.1:8000/x' \
  -H 'accept: */*' \
  -b 'sid=1' \
  --data-raw $'it\'s \u0021 caf\u00e9 \x41\n\\'
