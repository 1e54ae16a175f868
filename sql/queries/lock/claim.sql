-- Records that a run is at work, or that it has ended. Times are the warehouse's own, because clocks of hosts may differ.
INSERT INTO run_lock
SELECT {name:String}, {id:String}, {host:String}, {pid:UInt32}, now64(3, 'UTC') - toIntervalMillisecond({elapsed_ms:UInt64}), now64(3, 'UTC'), {beat:UInt64}, {released:Bool}
