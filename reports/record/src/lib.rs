//! The versioned result data that the simulator and the bridge write.
