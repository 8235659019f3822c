"""Fields, labels, links and mixins that several admin screens share."""
