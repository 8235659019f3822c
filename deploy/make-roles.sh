#!/bin/sh
# Makes the roles of the registry when the database is made, with the passwords of the secrets
# (compose.yaml). The image of PostgreSQL runs it.
set -eu
OWNER_PASSWORD=$(cat /run/secrets/owner_password)
APPLICATION_PASSWORD=$(cat /run/secrets/application_password)
export OWNER_PASSWORD APPLICATION_PASSWORD
psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --file /srv/roles.sql
