-- Empties the list of networks.
TRUNCATE TABLE erasure_network
