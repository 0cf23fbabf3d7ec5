"""What the action does besides running osreach: it reads GitHub's event and writes to GitHub's places."""
