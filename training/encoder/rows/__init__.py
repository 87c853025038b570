"""What the encoder learns from: texts with labels, teachers' scores and articles, and how often each comes."""
