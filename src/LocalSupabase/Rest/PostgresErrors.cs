using System.Globalization;
using Npgsql;

namespace Platform.LocalSupabase.Rest;

/// <summary>The status that PostgREST gives an error of the database.</summary>
internal static class PostgresErrors
{
    public static RestException Translate(PostgresException exception, string role) =>
        new(StatusOf(exception.SqlState, role), exception.SqlState, exception.MessageText, exception.Detail, exception.Hint);

    private static int StatusOf(string state, string role) => state switch
    {
        "42501" => role == "anon" ? 401 : 403,
        "23503" or "23505" => 409,
        "42P01" or "42883" => 404,
        "25006" => 405,
        "53400" or "42P17" => 500,
        "57P01" => 503,
        "P0001" => 400,
        ['P', 'T', ..] when int.TryParse(state[2..], CultureInfo.InvariantCulture, out var status) && status is >= 400 and < 600 => status,
        ['2', '8', ..] or ['0', 'L', ..] or ['0', 'P', ..] => 403,
        ['0', '8', ..] or ['5', '3', ..] => 503,
        ['2', '5', ..] or ['2', 'D', ..] or ['3', '8', ..] or ['3', '9', ..] or ['3', 'B', ..] or ['4', '0', ..] or ['5', '4', ..]
            or ['5', '5', ..] or ['5', '7', ..] or ['5', '8', ..]
            or ['F', '0', ..] or ['H', 'V', ..] or ['P', '0', ..] or ['X', 'X', ..] => 500,
        _ => 400,
    };
}
