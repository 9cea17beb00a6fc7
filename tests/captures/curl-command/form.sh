curl -F a=1 -F 'b=two;type=text/x' -F 'c="three;x";filename=c.txt' --form-string 'd=@4;5' http://127.0.0.1:8000/f
