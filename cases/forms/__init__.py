"""What people type or choose about cases, on the way in; the services check it."""
