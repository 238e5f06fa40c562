"""The benchmark: methods x suites x context sizes, scored, stored and drawn. It reads only the face of forescale."""
