namespace Platform.Workflows.Steps;

/// <summary>The kinds of steps that are registered.</summary>
internal sealed class StepTypes(IEnumerable<IStepType> types)
{
    private readonly Dictionary<string, IStepType> _types = types.ToDictionary(type => type.Type);

    public IEnumerable<IStepType> All => _types.Values.OrderBy(type => type.Type);

    public IStepType? Find(string type) => _types.GetValueOrDefault(type);
}
