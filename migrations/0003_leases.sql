-- What one server at a time does for all. The epoch grows with each that takes it up, and only what is written by the one with
-- this epoch is kept: a server that stood still for a while finds that it has been replaced.
CREATE TABLE leases (
    name TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    node TEXT NOT NULL,
    CONSTRAINT leases_pkey PRIMARY KEY (name)
);
INSERT INTO leases (name, epoch, node) VALUES ('calls', 0, '');

-- A heartbeat is that of what is done, not of who does it: another server takes the calls up.
UPDATE heartbeats SET node = 'calls' WHERE node = 'server';
