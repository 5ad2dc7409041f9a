namespace Platform.LocalSupabase.Rest.Queries;

/// <summary>What rows must fulfil: a comparison, or several joined by and / or.</summary>
internal abstract record Condition(bool Negated)
{
    private const int MostConditions = 200;

    /// <summary>Reads what stands after <c>column=</c>.</summary>
    public static Condition ParseComparison(string column, string value)
    {
        var field = new QueryText("filter", column);
        var read = Field.Read(field, "");
        return field.AtEnd ? ReadOperation(new QueryText("filter", value), read, nested: false) : throw field.Fail("unexpected text");
    }

    /// <summary>Reads what stands after <c>and=</c> or <c>or=</c>.</summary>
    public static Condition ParseLogic(bool isOr, bool negated, string value)
    {
        var text = new QueryText("logic tree", value);
        var condition = ReadGroup(text, isOr, negated);
        return text.AtEnd ? condition : throw text.Fail("unexpected text");
    }

    private static Group ReadGroup(QueryText text, bool isOr, bool negated)
    {
        text.Enter();
        text.Expect("(");
        var parts = new List<Condition>();
        do
        {
            parts.Add(ReadPart(text));
        }
        while (text.Take(",") && (parts.Count < MostConditions ? true : throw text.Fail("it holds too many conditions")));
        text.Expect(")");
        text.Leave();
        return new Group(isOr, parts, negated);
    }

    private static Condition ReadPart(QueryText text)
    {
        var negated = text.Take("not.");
        if (text.At("and(") || text.At("or("))
        {
            var isOr = text.At("or(");
            text.Expect(isOr ? "or" : "and");
            return ReadGroup(text, isOr, negated);
        }

        if (negated)
        {
            throw text.Fail("only a group is negated before it");
        }

        var field = Field.Read(text, ".,()");
        text.Expect(".");
        return ReadOperation(text, field, nested: true);
    }

    private static Comparison ReadOperation(QueryText text, Field field, bool nested)
    {
        var negated = text.Take("not.");
        var name = text.Name(".(");
        var language = text.Take("(") ? text.Name(")") : null;
        if (language is not null)
        {
            text.Expect(")");
        }

        text.Expect(".");
        if (name == "in")
        {
            return new Comparison(field, name, null, ReadList(text), language, negated);
        }

        // An array or a JSON value in a group may hold commas.
        var value = nested ? text.Next is '{' or '[' ? text.Balanced() : text.Word(",)") : text.Rest();
        return new Comparison(field, name, value, [], language, negated);
    }

    private static List<string> ReadList(QueryText text)
    {
        text.Expect("(");
        var values = new List<string>();
        if (text.Take(")"))
        {
            return values;
        }

        do
        {
            values.Add(text.Word(",)"));
        }
        while (text.Take(","));
        text.Expect(")");
        return values;
    }
}

/// <summary>Several conditions of which all, or one, must hold.</summary>
internal sealed record Group(bool IsOr, IReadOnlyList<Condition> Parts, bool Negated) : Condition(Negated);

/// <summary>A field beside a value.</summary>
internal sealed record Comparison(
    Field Field, string Operator, string? Value, IReadOnlyList<string> Values, string? Language, bool Negated) : Condition(Negated);
