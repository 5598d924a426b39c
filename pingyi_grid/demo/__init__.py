"""The demo: a year of a county that works, made by really running the services. Everything in it is marked 演示."""
