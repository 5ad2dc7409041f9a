using System.Data.Common;
using Npgsql;
using NpgsqlTypes;
using Platform.SharedKernel.Callers;

namespace Platform.SharedKernel.Infrastructure.Database;

/// <summary>
/// Who a statement runs as: role and claims, local to its transaction, set by a first statement that travels with it. The subject stands
/// by itself too, where <c>auth.uid()</c> looks first, so that no policy has to parse the claims.
/// </summary>
internal static class IdentitySql
{
    /// <summary>What stands before a statement that must not write.</summary>
    public const string ReadOnlyPrefix = Settings + ", set_config('transaction_read_only', 'on', true);\n";

    private const string Prefix = Settings + ";\n";

    private const string Settings =
        "select set_config('role', @__role, true), set_config('request.jwt.claims', @__claims, true), "
        + "set_config('request.jwt.claim.sub', @__subject, true)";

    /// <summary>
    /// What stands before a statement of a command, or of the kernel: read-only all the same where the caller may only read, whichever scope
    /// it runs in. A transaction that is read-only cannot be made to write again.
    /// </summary>
    public static string PrefixFor(Caller caller) => caller.IsReadOnly ? ReadOnlyPrefix : Prefix;

    /// <summary>Adds what the prefix needs.</summary>
    public static void AddParameters(DbCommand command, Caller caller)
    {
        command.Parameters.Add(Text("__role", caller.Role));
        command.Parameters.Add(Text("__claims", caller.Claims));
        command.Parameters.Add(Text("__subject", caller.Subject));
    }

    private static NpgsqlParameter<string> Text(string name, string value) => new(name, NpgsqlDbType.Text) { TypedValue = value };
}
