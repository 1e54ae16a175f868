-- Writes that a run is at work, or that it has ended. Times are the warehouse's own, so that clocks of hosts need not agree.
INSERT INTO run_lock
SELECT {name:String}, {id:String}, {host:String}, {pid:UInt32}, now64(3, 'UTC') - toIntervalMillisecond({elapsed_ms:UInt64}), now64(3, 'UTC'), {beat:UInt64}, {released:Bool}
