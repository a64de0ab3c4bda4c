//! What travels between the machine and its steps: the order, the call, the answer.
//! Their shapes on the wire are derived; nothing is decoded by hand.

pub mod answer;
pub mod call;
pub mod order;
