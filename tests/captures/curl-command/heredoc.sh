curl -H 'Content-Type: application/json' -d @- http://127.0.0.1:8000/d <<'EOF'
{
  "a": 1
}
EOF
