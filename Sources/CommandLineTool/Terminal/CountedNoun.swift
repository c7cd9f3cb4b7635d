// "1 record", "2 records": how messages count.

/// A number and what it counts, in the plural if it is not one.
func counted(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
