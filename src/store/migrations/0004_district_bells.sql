-- Bells of a district, between those of a school and everybody's.

ALTER TABLE bell ADD COLUMN district TEXT REFERENCES district (id);

ALTER TABLE bell_shift ADD COLUMN district TEXT REFERENCES district (id);
