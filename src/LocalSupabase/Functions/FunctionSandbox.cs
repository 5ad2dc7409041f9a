namespace Platform.LocalSupabase.Functions;

/// <summary>What keeps a function from the files of the machine.</summary>
public enum FunctionSandbox
{
    /// <summary>A file system of its own, with its source, its modules and nothing else; Deno's permissions beside it.</summary>
    Bubblewrap,

    /// <summary>Deno's permissions and the check of its modules alone, for places where no namespace can be made.</summary>
    None,
}
