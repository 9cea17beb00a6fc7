curl --data-binary @- http://127.0.0.1:8000/d <<EOF
line 1
line 2
EOF
