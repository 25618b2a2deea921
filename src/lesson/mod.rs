//! The domain: schools, rooms, pairs, lessons and who may do what. Pure.
