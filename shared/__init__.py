"""What more than one service needs; imports schemas alone."""
