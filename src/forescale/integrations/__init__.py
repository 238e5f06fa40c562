"""forescale inside a training loop: a watch over one run, and adaptors of it for trainers and tuners."""
