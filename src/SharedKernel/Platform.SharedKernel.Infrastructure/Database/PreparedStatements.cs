using System.Data;
using System.Data.Common;
using Npgsql;

namespace Platform.SharedKernel.Infrastructure.Database;

/// <summary>
/// A statement that fails while Npgsql prepares it (a value that PostgreSQL refuses, a cancel during planning) is kept without the
/// description of its rows, and every later use of it on that connection would fail. So a connection forgets its statements then.
/// </summary>
internal static class PreparedStatements
{
    /// <summary>Whether a failure can have come before the statement ran. Constraints and triggers speak when it runs.</summary>
    public static bool MayBeSpoilt(Exception? failure) =>
        failure is not PostgresException { SqlState: var state }
        || !(state.StartsWith("23", StringComparison.Ordinal) || state is PostgresErrorCodes.RaiseException or PostgresErrorCodes.SerializationFailure);

    /// <summary>Forgets the statements of an open connection that is outside a failed transaction.</summary>
    public static void Forget(DbConnection? connection)
    {
        if (connection is not NpgsqlConnection { FullState: ConnectionState.Open } open)
        {
            return;
        }

        try
        {
            // Npgsql offers it synchronously alone.
            open.UnprepareAll();
        }
        catch (NpgsqlException)
        {
            // It is broken, and its pool will not lend it again.
        }
    }
}
